"""Engines that begin with a plan and change it as little as they can."""

"""What a machine should begin next, answered at once from the plan, from what is known of the floor and from a live rule."""

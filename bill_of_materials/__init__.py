"""What the product is made of: its dependencies with their licences, as a CycloneDX document (``make bill``)."""

"""The product's texts in the reader's language, and dates and numbers as that language writes them."""

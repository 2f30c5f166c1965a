"""What the API answers planning questions with: typed documents, made of results by pure functions."""

"""What a person is sent, from the codes that the core decided on: names, words, sentences."""

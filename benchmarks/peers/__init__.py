"""Servers that people build for the same question, each as simply as they build it."""

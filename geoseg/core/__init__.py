"""What every room builds on: values that travel, options, tiles, threads, files that appear
whole.
"""

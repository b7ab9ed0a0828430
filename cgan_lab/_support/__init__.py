"""Plumbing that no lesson names: files, progress, threads, devices."""

"""Listeners: what reads the words out of sound, one file each."""

"""Tests of comparing versions, and of replaying executions."""

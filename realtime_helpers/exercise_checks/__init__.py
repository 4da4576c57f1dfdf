"""What each exercise's check looks for: chNN.py holds chapter NN's, a function for each exercise.

`check("05_in_order", service.wire)` calls `ch05.in_order(wire)`. It returns one sentence of praise, or raises
CheckFailed with what was seen on the wire, the likely why, and what to try. CONTRIBUTING.md says how to write one.
"""

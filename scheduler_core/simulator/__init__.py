"""The simulator: the one constructive statement of the rules by which a schedule is built.

What it builds, in words (``reference.py`` says the same in plain Python, ``kernel.py`` in Numba):

* **State.** A clock; for every machine the minute from which it is free, the family that it is set up for and its next
  *reservation*; for every job its next operation and the minute from which that one is ready.
* **Reservations** are the fixed operations, and the operations that must come before a fixed one of the same job; they
  are placed before anything else (``reservations.py``) and form a prefix of their job. A reservation holds its machine
  from ``hold`` to ``end``; when the clock reaches ``hold`` the machine is busy until ``end`` and takes the family of the
  reserved operation.
* **Candidates** at the clock are the ready operations with an *open* eligible machine: free, in a working minute, and
  with room for the whole operation before its next reservation. An operation that needs several machines at once is a
  candidate as soon as one of them is open and all can begin within ``BOOKING_HORIZON`` minutes; dispatching it books all of
  them from the first minute in which all are free and working. The candidates of a minute are found when the clock arrives;
  dispatching one of them only takes others away.
* **Dispatching** a candidate on an open machine starts it at the clock (several machines: at that first common minute),
  first its setup, then its processing, pausing over non-working minutes; the machines stay held until it ends.
* **Advancing.** While nothing is a candidate the clock jumps to the next minute in which a machine frees or opens, a
  reservation begins or a job becomes ready. The schedule is complete when every operation is dispatched.

Schedules built this way are non-delay: no machine idles while a ready operation could start on it, except where an
operation with several machines has booked it.
"""

"""Many scenes, or one giant one, over many workers: what is to be done, who does it, and what
came of it.

Read first: `master.py`, a batch from one command. In the order of time: `scenes` finds what is
mapped, `plan` keeps it in the batch's folder, an engine (`local`, `cluster`, `script`) has it
done by workers (`work`, `run`), which agree through the `ledger`; `status` and `results` tell
what came of it, `merge`, `report` and `catalog` make one map, page and collection of it.
"""

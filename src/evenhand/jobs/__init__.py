"""Jobs that outlive a crash: what takes longer than a caller can be kept waiting. No HTTP here.

`desk` accepts, `clip_job` says what is to be done in which steps, `worker` has DBOS do it. Only `worker` loads DBOS.
"""

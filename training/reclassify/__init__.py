"""A backlog of any size through a model, on one machine or a cluster: read, answered, compared, put in force."""

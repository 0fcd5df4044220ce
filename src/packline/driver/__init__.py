"""How work gets done: one owner per account, one coroutine per shipment, one commit for many results."""

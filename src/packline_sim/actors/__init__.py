"""People and companies that act on Amazon by themselves: buyers who order, carriers who collect and deliver."""

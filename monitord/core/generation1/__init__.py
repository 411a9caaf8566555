"""Generation 1 of the record, frozen: what its events fold to. Nothing here is changed.

Generation 1 is every record begun before base events. Its last epoch is folded by this code and
sealed, and its state is mapped once into the base event of a new epoch. Stored lives of sites hold
it to what it was. Only a start, and a reader of the record, import it.
"""

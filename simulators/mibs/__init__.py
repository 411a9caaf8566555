"""What each kind of equipment says on the wire, written from its maker's tables."""

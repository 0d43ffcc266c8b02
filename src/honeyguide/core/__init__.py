"""Pure vocabulary: ids, clock, money, errors, normalisation and the terms stages exchange. No I/O."""

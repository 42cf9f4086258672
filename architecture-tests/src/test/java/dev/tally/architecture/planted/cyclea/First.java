package dev.tally.architecture.planted.cyclea;

import dev.tally.architecture.planted.cycleb.Second;

/** Planted: half of a package cycle. */
public class First {

    public Second other() {
        return new Second();
    }
}

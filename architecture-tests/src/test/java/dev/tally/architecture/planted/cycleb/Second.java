package dev.tally.architecture.planted.cycleb;

import dev.tally.architecture.planted.cyclea.First;

/** Planted: the other half of a package cycle. */
public class Second {

    public First other() {
        return new First();
    }
}

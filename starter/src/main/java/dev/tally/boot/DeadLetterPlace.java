package dev.tally.boot;

/** Where what cannot be handled is kept. */
enum DeadLetterPlace {
    /** In the table {@code tally_dead_letter}, with the reason and the stack, to be shown, replayed and discarded. */
    DATABASE,
    /** Where the broker keeps dead letters, for instance RocketMQ's topic {@code %DLQ%<group>}. */
    BROKER
}

package dev.tally.architecture.planted.signature.internal;

/** Planted: nobody else's business. */
public class Secret {}

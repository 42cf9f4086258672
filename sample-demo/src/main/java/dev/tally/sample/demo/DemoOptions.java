package dev.tally.sample.demo;

import java.nio.file.Path;

/**
 * What a run is to be.
 *
 * @param seed of the made-up orders and of the moments of the kills
 * @param threads how many place orders at a time
 * @param kill whether processes are killed
 * @param keep whether everything goes on running afterwards
 * @param home the project's root
 */
record DemoOptions(long seed, int threads, boolean kill, boolean keep, Path home) {}

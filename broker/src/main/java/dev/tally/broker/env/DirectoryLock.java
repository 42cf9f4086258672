package dev.tally.broker.env;

import java.io.Closeable;

/**
 * A directory taken by {@link Disk#lock}; closing it gives the directory back.
 *
 * @since 0.1
 */
public interface DirectoryLock extends Closeable {}

package dev.tally.half;

import java.util.List;

/**
 * Tells which half messages of this service's producer group a broker has undecided. Not every broker can. Thread-safe.
 *
 * @since 0.1
 */
public interface HalfMessageInspection {

    /**
     * The oldest half messages that are undecided or parked. Asks the broker and waits for it.
     *
     * @param max how many of each at most, from 1
     * @throws HalfMessagesUnavailableException where the broker cannot be reached or keeps no such list; the message says
     *     which
     */
    List<OpenHalf> undecided(int max);
}

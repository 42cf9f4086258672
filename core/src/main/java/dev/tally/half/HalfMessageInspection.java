package dev.tally.half;

import java.util.List;

/**
 * Tells which half messages of this service's producer group its brokers have undecided or parked. What a broker knows of
 * that differs, see {@link HalfMessageList#complete}. Each call asks the brokers and waits for them. Thread-safe.
 *
 * @since 0.1
 */
public interface HalfMessageInspection {

    /**
     * The oldest half messages that are undecided or parked.
     *
     * @param max how many of each, and of each broker, at most; from 1
     * @throws HalfMessagesUnavailableException where a broker cannot be asked; the message says which and why
     */
    HalfMessageList undecided(int max);

    /**
     * All undecided or parked half messages of one local transaction, however many others there are.
     *
     * @throws HalfMessagesUnavailableException where a broker cannot be asked; the message says which and why
     */
    List<OpenHalf> undecidedOf(String transactionId);

    /**
     * How many half messages the brokers have given up asking about.
     *
     * @throws HalfMessagesUnavailableException where a broker cannot be asked; the message says which and why
     */
    long parked();
}

package dev.tally.half;

import java.util.List;

/**
 * Half messages that brokers have undecided or parked.
 *
 * @param halves them
 * @param complete whether all brokers can tell all of them. A broker of RocketMQ keeps no list of what is undecided, and
 *     tells only what it has given up asking about; that it keeps telling after somebody decided it, until its retention
 *     removes it
 * @since 0.1
 */
public record HalfMessageList(List<OpenHalf> halves, boolean complete) {

    public HalfMessageList {
        halves = List.copyOf(halves);
    }
}

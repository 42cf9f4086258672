package dev.tally.sample.demo.place;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the order service said to an order. */
sealed interface Answer {

    /** It is stored, now or by an earlier try. */
    record Accepted(boolean before) implements Answer {}

    /** It was refused; nothing was stored. */
    record Refused(List<Refusal> errors) implements Answer {}

    /** Nobody answered, or nobody who could tell: the order is stored or it is not. */
    record None(String why) implements Answer {}

    /** Something that sending again does not change. */
    record Unexpected(String what) implements Answer {}

    /**
     * One thing that is wrong with an order.
     *
     * @param line the line's number, from 1, or {@code null} if it is not about a line
     */
    record Refusal(@Nullable Integer line, String field, String reason) {}
}

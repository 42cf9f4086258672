package dev.tally.outbox.jdbc;

import dev.tally.jdbc.Conditions;
import dev.tally.jdbc.Dialect;
import dev.tally.outbox.operations.ParkedFilter;
import java.util.List;

/** The condition that a filter is, over the columns of {@code tally_outbox}; never unknown, so that it can be negated. */
record ParkedCondition(String sql, List<Object> parameters) {

    static ParkedCondition of(ParkedFilter filter, Dialect dialect) {
        Conditions conditions = new Conditions(dialect)
                .contain(filter.reason(), "COALESCE(last_error, '')")
                .equal("type", filter.type())
                .equal("topic", filter.topic())
                .equal("COALESCE(msg_key, '')", filter.key())
                .within("created_at", filter.from(), filter.until());
        return new ParkedCondition(conditions.sql(), conditions.parameters());
    }
}

package dev.tally.consume.deadletter;

import dev.tally.jdbc.Conditions;
import dev.tally.jdbc.Dialect;
import java.util.ArrayList;
import java.util.List;

/** The condition that a filter is, over the columns of {@code tally_dead_letter}. */
record DeadLetterCondition(String sql, List<Object> parameters) {

    static DeadLetterCondition of(DeadLetterFilter filter, Dialect dialect) {
        Conditions conditions = new Conditions(dialect)
                .equal("consumer_group", filter.group())
                .equal("topic", filter.topic())
                .equal("type", filter.type())
                .equal("msg_key", filter.key())
                .equal("message_id", filter.id())
                .contain(filter.reason(), "reason", "COALESCE(exception, '')")
                .within("dead_at", filter.from(), filter.until());
        return new DeadLetterCondition(conditions.sql(), conditions.parameters());
    }

    Object[] parametersAnd(Object last) {
        List<Object> all = new ArrayList<>(parameters);
        all.add(last);
        return all.toArray();
    }
}

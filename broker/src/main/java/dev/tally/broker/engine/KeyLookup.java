package dev.tally.broker.engine;

import dev.tally.broker.store.KeyMatches;
import dev.tally.broker.store.KeyQuery;
import dev.tally.broker.store.StoredMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/** Finds visible messages by the hash of a key: where they may be by the key index, whether they are by themselves. */
final class KeyLookup {

    /** A key that very many messages have must not hold its caller for long. */
    private static final int MAX_LOOKED_AT = 4096;

    private final StoreState state;
    private final MessageReader reader;

    KeyLookup(StoreState state, MessageReader reader) {
        this.state = state;
        this.reader = reader;
    }

    KeyMatches find(KeyQuery query, Predicate<StoredMessage> wanted) {
        Search search = new Search(query, wanted);
        if (query.max() > 0) {
            state.keys.find(query.keyHash(), query.fromMillis(), query.toMillis(), search);
        }
        return new KeyMatches(List.copyOf(search.found), state.keys.lastMillis(), state.keys.lastPosition());
    }

    /** Looks at one candidate after the other, the newest first. */
    private final class Search implements LongPredicate {
        private final KeyQuery query;
        private final Predicate<StoredMessage> wanted;
        private final Set<Long> seen = new HashSet<>();
        private final Deque<StoredMessage> found = new ArrayDeque<>();

        Search(KeyQuery query, Predicate<StoredMessage> wanted) {
            this.query = query;
            this.wanted = wanted;
        }

        @Override
        public boolean test(long position) {
            if (seen.add(position)) {
                StoredMessage message = reader.messageAt(position);
                if (message != null && fits(message) && wanted.test(message)) {
                    found.addFirst(message);
                }
            }
            return found.size() < query.max() && seen.size() < MAX_LOOKED_AT;
        }

        /** What is not visible is nobody's to see: undecided and rolled back ones, and those whose time has not come. */
        private boolean fits(StoredMessage message) {
            return message.queueOffset() >= 0
                    && message.topic().equals(query.topic())
                    && message.storedAtMillis() >= query.fromMillis()
                    && message.storedAtMillis() <= query.toMillis();
        }
    }
}

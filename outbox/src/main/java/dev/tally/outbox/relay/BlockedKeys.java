package dev.tally.outbox.relay;

import dev.tally.outbox.BlockedKey;
import dev.tally.outbox.OutboxEntry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which keys of the lanes kept here wait for a person. A key is blocked as long as one of its messages is given up; then it
 * is free, but has rows outside of its lane until they are read. Guarded by {@link Lanes}.
 */
final class BlockedKeys {

    private final Map<String, TreeMap<Long, BlockedKey>> byKey = new HashMap<>();
    private final Set<String> knownLanes = new HashSet<>();

    /** Whether it is known which keys of the lane are blocked. */
    boolean isKnown(String lane) {
        return knownLanes.contains(lane);
    }

    void known(Set<String> lanes) {
        knownLanes.addAll(lanes);
    }

    /** What was known of the lane may have changed. */
    void unknown(String lane) {
        knownLanes.remove(lane);
    }

    void forget(String lane) {
        knownLanes.remove(lane);
        byKey.values().removeIf(marks -> marks.firstEntry().getValue().lane().equals(lane));
    }

    /** Notes a mark, or that it is free now. */
    void add(BlockedKey mark) {
        byKey.computeIfAbsent(mark.key(), key -> new TreeMap<>()).put(mark.parkedId(), mark);
    }

    void remove(BlockedKey mark) {
        TreeMap<Long, BlockedKey> marks = byKey.get(mark.key());
        if (marks != null) {
            marks.remove(mark.parkedId());
            if (marks.isEmpty()) {
                byKey.remove(mark.key());
            }
        }
    }

    /** Whether no key of any lane has anything that waits, or has waited, for a person. */
    boolean isEmpty() {
        return byKey.isEmpty();
    }

    /** Whether a key has rows outside of its lane, or may get some. */
    boolean mayHave(@Nullable String key) {
        return key != null && byKey.containsKey(key);
    }

    private @Nullable BlockedKey blocking(String key) {
        TreeMap<Long, BlockedKey> marks = byKey.get(key);
        if (marks == null) {
            return null;
        }
        return marks.values().stream()
                .filter(mark -> !mark.isFree())
                .findFirst()
                .orElse(null);
    }

    /** The mark behind which an entry waits; {@code null} if it may go. What has blocked its key may, once it is resumed. */
    @Nullable BlockedKey before(OutboxEntry entry) {
        String key = entry.message().key();
        BlockedKey mark = key == null || byKey.isEmpty() ? null : blocking(key);
        return mark == null || mark.parkedId() == entry.id() ? null : mark;
    }

    /** Whether it is known that an entry of a lane waits behind nothing. */
    boolean mayGo(HeldEntry entry) {
        String lane = entry.lane();
        return lane != null && isKnown(lane) && before(entry.entry()) == null;
    }

    /** The keys of these lanes that are free, by the owner of their rows. */
    Map<String, BlockedKey> freed(Set<String> lanes) {
        if (byKey.isEmpty()) {
            return Map.of();
        }
        return byKey.values().stream()
                .filter(marks -> marks.values().stream().allMatch(BlockedKey::isFree))
                .flatMap(marks -> marks.values().stream())
                .filter(mark -> lanes.contains(mark.lane()))
                .collect(Collectors.toUnmodifiableMap(BlockedKey::owner, mark -> mark));
    }

    void clear() {
        byKey.clear();
        knownLanes.clear();
    }
}

package dev.tally.broker.engine;

import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.queue.QueuePage;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import java.util.ArrayList;
import java.util.List;

/** All that a store derives from its log, as text: two states are the same if their dumps are. */
final class StateDump {

    private StateDump() {}

    static String of(LogMessageStore store) {
        StoreState state = store.state();
        List<String> facts = new ArrayList<>();
        state.queues.forEach(queue -> dump(queue, facts));
        state.topics.values().forEach(topic -> facts.add(topic.toString()));
        state.groups.values().forEach(group -> facts.add(group.toString()));
        state.offsets.all().forEach(offset -> facts.add(offset.toString()));
        // How many checks were delivered is written by snapshots alone.
        state.halves.forEach(half -> facts.add("half " + half.message().position() + " for "
                + half.message().queue() + " tag " + half.message().tagsHash() + " bytes "
                + half.message().payloadBytes() + " of " + half.producerGroup() + " key " + half.keyHash() + " at "
                + half.preparedAtMillis() + " delay " + half.delayMillis() + " immunity " + half.immunityMillis() + " "
                + half.state()));
        state.halves.forEachDecided(decided -> facts.add(decided.toString()));
        state.timers.forEach(timer -> facts.add("timer " + timer.message() + timer.delayMillis() + timer.dueMillis()));
        state.pops.forEach(queue -> facts.add(queue.toString()));
        state.requestModes.values().forEach(mode -> facts.add(mode.toString()));
        facts.add("messages " + state.counters.messages.sum() + " halves " + state.counters.halves.sum());
        for (Decision decision : Decision.values()) {
            for (DecisionOrigin origin : DecisionOrigin.values()) {
                facts.add(decision + " by " + origin + ": " + state.counters.decisions(decision, origin));
            }
        }
        facts.sort(null);
        return String.join("\n", facts);
    }

    private static void dump(QueueIndex queue, List<String> facts) {
        if (queue.next() == 0) {
            // Nothing was ever visible in it, so nobody can tell it from one that is not there.
            return;
        }
        facts.add(queue + " first " + queue.first() + " next " + queue.next());
        long offset = queue.first();
        for (QueuePage page = queue.page(offset); page != null; page = queue.page(offset)) {
            for (; offset < page.end(); offset++) {
                facts.add(queue + " offset " + offset + " position " + page.position(offset) + " by "
                        + page.visibleBy(offset) + " tag " + page.tagsHash(offset) + " bytes "
                        + page.payloadBytes(offset));
            }
        }
    }
}

package dev.tally.testing;

import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Remembers what it was told; a message has left when its transaction was reported committed. */
public final class RecordingPath implements PublishingPath {

    public final List<List<MessageId>> prepared = new CopyOnWriteArrayList<>();
    public final List<MessageId> left = new CopyOnWriteArrayList<>();
    public final List<String> outcomes = new CopyOnWriteArrayList<>();
    private RuntimeException failure;
    private Function<Message, String> refusal = message -> null;

    /** From now on, what {@code refusal} says of a message is why it can never leave; {@code null} for nothing. */
    public void refuse(Function<Message, String> refusal) {
        this.refusal = refusal;
    }

    @Override
    public Optional<String> refusal(Message message) {
        return Optional.ofNullable(refusal.apply(message));
    }

    public void failWith(RuntimeException failure) {
        this.failure = failure;
    }

    @Override
    public Settlement prepare(List<Message> messages) {
        if (failure != null) {
            throw failure;
        }
        List<MessageId> ids = new ArrayList<>(messages.stream().map(Message::id).toList());
        prepared.add(ids);
        return new Settlement() {
            @Override
            public void committed() {
                left.addAll(ids);
                outcomes.add("committed");
            }

            @Override
            public void rolledBack() {
                outcomes.add("rolledBack");
            }

            @Override
            public void unknown() {
                outcomes.add("unknown");
            }
        };
    }
}

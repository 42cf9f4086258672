package dev.tally.saga.participant;

import dev.tally.transport.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A participant: its methods by the types of commands. Built up at start-up, and read only then. */
final class Participant {

    private static final int MAX_NAME = 100;

    private final String name;
    private final SagaParticipant settings;
    private final List<ParticipantMethod> methods = new ArrayList<>();
    private final Map<String, ParticipantMethod> actions = new TreeMap<>();
    private final Map<String, ParticipantMethod> compensations = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();

    Participant(String name, SagaParticipant settings) {
        this.name = name;
        this.settings = settings;
        checkSettings();
    }

    private void checkSettings() {
        if (name.isBlank()
                || name.length() > MAX_NAME
                || !name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '-' || c == '_')) {
            faults.add("its name is not 1 to " + MAX_NAME + " letters, digits, '-' or '_'");
        }
        if (settings.concurrency() < 1) {
            faults.add("its concurrency is " + settings.concurrency() + ", at least 1 is possible");
        }
        if (settings.batch() < 1) {
            faults.add("its batch is " + settings.batch() + ", at least 1 is possible");
        }
        if (settings.maxAttempts() < 1) {
            faults.add("its maxAttempts is " + settings.maxAttempts() + ", at least 1 is possible");
        }
    }

    boolean hasSettings(SagaParticipant others) {
        return settings.concurrency() == others.concurrency()
                && settings.batch() == others.batch()
                && settings.maxAttempts() == others.maxAttempts();
    }

    void add(ParticipantMethod method) {
        methods.add(method);
        method.faults().forEach(fault -> faults.add(method + ": " + fault));
        Map<String, ParticipantMethod> others = method.isCompensation() ? compensations : actions;
        for (String type : method.payloadTypes().names()) {
            ParticipantMethod other = others.putIfAbsent(type, method);
            if (other != null) {
                faults.add(method + ": commands of type '" + type + "' are taken by " + other + " too");
            }
        }
    }

    List<String> faults() {
        List<String> all = new ArrayList<>(faults);
        if (methods.isEmpty()) {
            all.add("it has no method annotated with @SagaAction or @SagaCompensation");
        }
        return all;
    }

    String name() {
        return name;
    }

    /** The method for a command, {@code null} if there is none. */
    @Nullable ParticipantMethod methodFor(String type, boolean undo) {
        return (undo ? compensations : actions).get(type);
    }

    /** The class of a command's payload, {@code null} if there is none. */
    @Nullable Class<?> classOf(String type, boolean undo) {
        ParticipantMethod method = methodFor(type, undo);
        return method == null ? null : method.payloadTypes().classOf(type);
    }

    /** The types that are taken, for people. */
    String taken(boolean undo) {
        return (undo ? compensations : actions).keySet().toString();
    }

    Subscription subscription(ParticipantTopics topics) {
        return new Subscription(
                        topics.topicOf(name),
                        name + "-participant",
                        "*",
                        settings.concurrency(),
                        true,
                        settings.maxAttempts())
                .withBatch(settings.batch());
    }

    @Override
    public String toString() {
        return "participant '" + name + "'";
    }
}

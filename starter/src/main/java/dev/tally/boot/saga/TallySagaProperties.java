package dev.tally.boot.saga;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Sagas.
 *
 * @param replyTopic where participants answer this application's sagas; its name with {@code -saga-replies} behind it where
 *     nothing is said
 * @param concurrency how many replies are taken at once at most
 * @param pollInterval how often timers are looked at
 * @param wakeBatch how many sagas are waked in one transaction at most
 * @param wakeRate how many sagas this process wakes in a second at most while more have come due than fit into a transaction,
 *     for instance after an outage; the others wait, and what goes on meanwhile keeps its time
 * @param retention how long sagas are kept after their end, with their history
 * @param barrierRetention how long participants remember their steps, counted from a saga's beginning; the same for all
 *     applications, and longer than any saga's deadline
 * @param workLimit after how long a participant's work outside of a transaction that nobody has finished counts as broken off
 * @param versionGone what is done at start-up with sagas of a version that is not defined here: a newer build may be beside
 * @param definitionChanged what is done at start-up with sagas whose definition was changed without another version
 * @param closeTimeout how long closing waits for a transaction that runs
 * @param operations whether people may act on sagas by the endpoint
 * @param participants by name
 */
@ConfigurationProperties("tally.saga")
record TallySagaProperties(
        @DefaultValue("") String replyTopic,
        @DefaultValue("8") int concurrency,
        @DefaultValue("500ms") Duration pollInterval,
        @DefaultValue("50") int wakeBatch,
        @DefaultValue("300") double wakeRate,
        @DefaultValue("30d") Duration retention,
        @DefaultValue("90d") Duration barrierRetention,
        @DefaultValue("15m") Duration workLimit,
        @DefaultValue("leave") OnUnrunnable versionGone,
        @DefaultValue("refuse") OnUnrunnable definitionChanged,
        @DefaultValue("10s") Duration closeTimeout,
        @DefaultValue("false") boolean operations,
        @DefaultValue Map<String, Participant> participants) {

    /** What is done with sagas that cannot go on with this build. */
    enum OnUnrunnable {
        /** They wait for a build that can run them. */
        LEAVE,
        /** They are parked, so that people see them. */
        PARK,
        /** The application does not start. */
        REFUSE
    }

    /**
     * A participant.
     *
     * @param topic of its commands; its name with {@code -commands} behind it where nothing is said
     */
    record Participant(@DefaultValue("") String topic) {}

    String topicOf(String participant) {
        Participant known = participants.get(participant);
        return known == null || known.topic().isBlank() ? participant + "-commands" : known.topic();
    }
}

package dev.tally.saga.participant;

/**
 * Where the commands to a participant go. Participants and orchestrators have to have the same.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface ParticipantTopics {

    /** The participant's name with {@code -commands} behind it. */
    ParticipantTopics BY_NAME = participant -> participant + "-commands";

    /** The topic of the commands to {@code participant}. */
    String topicOf(String participant);
}

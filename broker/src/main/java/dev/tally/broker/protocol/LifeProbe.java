package dev.tally.broker.protocol;

/**
 * A request that every client answers at once and that changes nothing: the state of a consumer that it need not have.
 * What it answers is of no interest, that it answers is.
 *
 * @since 0.1
 */
public final class LifeProbe {

    private LifeProbe() {}

    /** The frame to push; the group only has to be a name. */
    public static Command toCommand(String group) {
        Fields fields = Fields.of("consumerGroup", group, "clientId", "broker", "jstackEnable", false);
        return Command.question(RequestCode.GET_CONSUMER_RUNNING_INFO, fields);
    }
}

package dev.tally.broker.server;

import dev.tally.broker.filter.InvalidExpressionException;
import dev.tally.broker.filter.Selections;
import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.Subscription;

/** What clients are told about their filters. */
final class SubscriptionFilters {

    private SubscriptionFilters() {}

    /** A client asks before it starts. */
    static Answer check(Selections selections, Command request) {
        Subscription subscription = Subscription.fromCheck(request.body());
        if (subscription == null) {
            return Answer.ok();
        }
        try {
            selections.of(subscription);
            return Answer.ok();
        } catch (InvalidExpressionException e) {
            return refusal("", subscription, true, e);
        }
    }

    /**
     * A filter that cannot be used.
     *
     * @param carried whether the request carries it; a client whose heartbeat told it is to send another heartbeat
     */
    static Answer refusal(String group, Subscription subscription, boolean carried, InvalidExpressionException reason) {
        if (!Selections.understands(subscription)) {
            return Answer.refused(
                    ResponseCode.SYSTEM_ERROR,
                    "The broker does not support consumer to filter message by " + subscription.expressionType()
                            + ": group " + group + ", topic " + subscription.topic() + ", " + reason.getMessage());
        }
        return Answer.refused(
                carried ? ResponseCode.SUBSCRIPTION_PARSE_FAILED : ResponseCode.FILTER_DATA_NOT_EXIST,
                "Invalid MessageSelector. Group " + group + " cannot filter topic " + subscription.topic() + " by "
                        + subscription.expressionType() + ": " + reason.getMessage());
    }
}

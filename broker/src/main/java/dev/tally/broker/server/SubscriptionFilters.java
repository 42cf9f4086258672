package dev.tally.broker.server;

import dev.tally.broker.protocol.Answer;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.ResponseCode;
import dev.tally.broker.protocol.Subscription;

/** Which filters the broker understands. */
final class SubscriptionFilters {

    private SubscriptionFilters() {}

    /** A client asks before it starts. */
    static Answer check(Command request) {
        Subscription subscription = Subscription.fromCheck(request.body());
        return subscription == null || subscription.byTag() ? Answer.ok() : unsupported("", subscription);
    }

    static Answer unsupported(String group, Subscription subscription) {
        return Answer.refused(
                ResponseCode.SYSTEM_ERROR,
                "Group " + group + " cannot filter topic " + subscription.topic() + " by "
                        + subscription.expressionType() + ": this broker filters by TAG only");
    }
}

package dev.tally.benchmarks.consumer;

import dev.tally.benchmarks.application.Order;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.message.MessageExt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** A listener with an inbox, as it is written by hand: all that it is given shares a transaction. */
final class ByHand implements MessageListenerConcurrently {

    /** The property that holds a message's id; it is the same for a message that was sent again. */
    static final String ID = "tally-id";

    private static final Logger log = LoggerFactory.getLogger(ByHand.class);

    private final Accounts accounts;
    private final HandInbox inbox;
    private final TransactionTemplate transactions;
    private final JsonMapper json;
    private final Effects effects;

    ByHand(Accounts accounts, HandInbox inbox, TransactionTemplate transactions, JsonMapper json, Effects effects) {
        this.accounts = accounts;
        this.inbox = inbox;
        this.transactions = transactions;
        this.json = json;
        this.effects = effects;
    }

    @Override
    public ConsumeConcurrentlyStatus consumeMessage(List<MessageExt> messages, ConsumeConcurrentlyContext context) {
        try {
            Integer handled = transactions.execute(
                    status -> messages.size() == 1 ? handleOne(messages.get(0)) : handleAll(messages));
            int newOnes = handled == null ? 0 : handled;
            effects.took(newOnes, messages.size() - newOnes);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        } catch (DataAccessException | TransactionException e) {
            log.warn("a transaction of messages={} was rolled back; they come again", messages.size(), e);
            effects.failed();
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
        }
    }

    private int handleOne(MessageExt message) {
        if (!inbox.insert(message.getUserProperty(ID))) {
            return 0;
        }
        accounts.book(orderOf(message));
        return 1;
    }

    private int handleAll(List<MessageExt> messages) {
        Set<String> open = new HashSet<>(inbox.insert(
                messages.stream().map(message -> message.getUserProperty(ID)).toList()));
        List<Order> orders = messages.stream()
                .filter(message -> open.remove(message.getUserProperty(ID)))
                .map(this::orderOf)
                // Nothing keeps two batches of one queue apart: in one order, or they would be each other's deadlock.
                .sorted(Comparator.comparing(Order::customer))
                .toList();
        orders.forEach(accounts::book);
        return orders.size();
    }

    private Order orderOf(MessageExt message) {
        return json.readValue(message.getBody(), Order.class);
    }
}

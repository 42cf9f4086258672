package dev.tally.saga.participant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.consume.SubscriptionCustomizer;
import dev.tally.saga.StepContext;
import dev.tally.transport.Subscription;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

class SagaParticipantRegistryTest {

    record Reserve(String item) {}

    record Release(String item) {}

    record Token(int shelf) {}

    sealed interface Both permits First, Second {}

    record First(int number) implements Both {}

    record Second(int number) implements Both {}

    interface Open {}

    private final FakeTransport transport = new FakeTransport();
    private final FakeParts fake = new FakeParts();

    private String faultsOf(Object... beans) {
        SagaParticipantRegistry registry = Participants.registry(transport, fake.parts(), beans);
        String[] message = new String[1];
        assertThatExceptionOfType(InvalidParticipantException.class)
                .isThrownBy(registry::afterSingletonsInstantiated)
                .satisfies(e -> message[0] = e.getMessage());
        return message[0];
    }

    @SagaParticipant(value = "stock", concurrency = 2, batch = 8, maxAttempts = 3)
    static class Stock {

        @SagaAction
        StepResult<Token> reserve(Reserve command, StepContext step) {
            return StepResult.done(new Token(1)).withUndoToken(new Token(1));
        }

        @SagaCompensation
        void release(Release command, StepContext step, @UndoToken Token token) {}
    }

    @SagaParticipant(value = "stock", concurrency = 2, batch = 8, maxAttempts = 3)
    static class MoreStock {

        @SagaAction
        @Transactional(propagation = Propagation.MANDATORY)
        Object move(Both command) {
            return command;
        }

        @SagaCompensation(transactional = false)
        @Transactional(propagation = Propagation.REQUIRES_NEW)
        void moveBack(Both command, @UndoToken Both token) {}
    }

    @Test
    void subscribesEachParticipantOnceWhileItRuns() {
        SagaParticipantRegistry registry = Participants.registry(transport, fake.parts(), new Stock(), new MoreStock());
        registry.afterSingletonsInstantiated();
        registry.start();

        Subscription expected = new Subscription("stock-commands", "stock-participant", "*", 2, true, 3).withBatch(8);
        assertThat(transport.subscribed.keySet()).containsExactly(expected);
        assertThat(registry.subscriptions()).containsExactly(expected);
        assertThat(registry.running()).extracting(each -> each.handler()).containsExactly("participant 'stock'");
        assertThat(registry.isRunning()).isTrue();
        registry.stop();
        assertThat(transport.closed).containsExactly(expected);
        assertThat(registry.isRunning()).isFalse();
    }

    @SagaParticipant("${name}")
    static class Placeholder {

        @SagaAction
        void reserve(Reserve command) {}
    }

    @Test
    void resolvesPlaceholdersAndAsksWhereCommandsGo() {
        DefaultListableBeanFactory factory = new DefaultListableBeanFactory();
        factory.registerBeanDefinition(
                "bean", new org.springframework.beans.factory.support.RootBeanDefinition(Placeholder.class));
        SagaParticipantRegistry registry = new SagaParticipantRegistry(
                factory, transport, fake.parts(), name -> "to." + name, SubscriptionCustomizer.NONE);
        registry.setEmbeddedValueResolver(text -> text.replace("${name}", "shop"));
        registry.afterSingletonsInstantiated();

        assertThat(registry.subscriptions())
                .extracting(Subscription::topic, Subscription::group)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("to.shop", "shop-participant"));
    }

    @SagaParticipant(value = " ", concurrency = 0, batch = 0, maxAttempts = 0)
    static class Blank {}

    @SagaParticipant("faulty")
    static class Faulty {

        @SagaAction
        CompletableFuture<Token> later(Reserve command) {
            return new CompletableFuture<>();
        }

        @SagaAction
        int twice(Reserve command) {
            return 1;
        }

        @SagaAction
        private StepResult<List<Token>> hidden(First command) {
            return StepResult.refused("no");
        }

        @SagaAction
        void open(Open command) {}

        @SagaAction
        void withToken(Second command, @UndoToken Token token) {}

        @SagaCompensation
        void nothing() {}

        @SagaCompensation
        void number(Release command, @UndoToken int token, String more) {}

        @SagaAction
        @SagaCompensation
        void both(Token command) {}
    }

    @Test
    void tellsAllFaultsAtOnce() {
        assertThat(faultsOf(new Blank(), new Faulty()))
                .contains("participant ' ': its name is not 1 to 100 letters")
                .contains("its concurrency is 0")
                .contains("its batch is 0")
                .contains("its maxAttempts is 0")
                .contains("it has no method annotated")
                .contains("Faulty.later: it returns a CompletableFuture")
                .contains("Faulty.twice: it returns a int")
                .contains("commands of type 'Reserve' are taken by bean 'bean1', Faulty.")
                .contains("Faulty.hidden: it is private")
                .contains("Faulty.hidden: it returns a List")
                .contains("Faulty.open: its payload Open is abstract and not sealed")
                .contains("Faulty.withToken: it takes an @UndoToken, which compensations get")
                .contains("Faulty.nothing: it takes no payload")
                .contains("Faulty.number: its @UndoToken is a primitive int")
                .contains("Faulty.number: its parameter 3, of String, is nothing that it could get")
                .contains("both: it is an action and a compensation");
    }

    @SagaParticipant("stock")
    static class OtherSettings {

        @SagaAction
        void move(First command) {}
    }

    static class NoParticipant {

        @SagaAction
        void reserve(Reserve command) {}
    }

    @SagaParticipant("transactions")
    static class Transactions {

        @SagaAction
        @Transactional(propagation = Propagation.REQUIRES_NEW)
        void outside(Reserve command) {}

        @SagaAction(transactional = false)
        @Transactional(propagation = Propagation.MANDATORY)
        void inside(First command) {}
    }

    @SagaParticipant("undoing")
    static class OnlyUndoes {

        @SagaCompensation
        void release(Release command) {}

        @SagaCompensation(ofOthers = true)
        void cancel(First command) {}
    }

    @Test
    void tellsFaultsOfParticipantsAsAWhole() {
        transport.capabilities = Set.of();
        assertThat(faultsOf(
                        new Stock(), new OtherSettings(), new NoParticipant(), new Transactions(), new OnlyUndoes()))
                .contains("participant 'stock': bean 'bean1' has other settings")
                .contains("bean 'bean2': its methods [reserve] are annotated")
                .contains("Transactions.outside: it is @Transactional(propagation = REQUIRES_NEW)")
                .contains("Transactions.inside: it is @Transactional(propagation = MANDATORY)")
                .doesNotContain("OnlyUndoes")
                .contains("transport 'fake' has no KEY_ORDER");
    }

    @Test
    void tellsTopicsThatAreSharedOrBlank() {
        DefaultListableBeanFactory factory = new DefaultListableBeanFactory();
        for (Class<?> type : List.of(Stock.class, Placeholder.class)) {
            factory.registerBeanDefinition(
                    type.getSimpleName(), new org.springframework.beans.factory.support.RootBeanDefinition(type));
        }
        SagaParticipantRegistry shared = new SagaParticipantRegistry(
                factory, transport, fake.parts(), name -> "commands", SubscriptionCustomizer.NONE);
        shared.setEmbeddedValueResolver(text -> text.replace("${name}", "shop"));
        assertThatExceptionOfType(InvalidParticipantException.class)
                .isThrownBy(shared::afterSingletonsInstantiated)
                .withMessageContaining("its topic 'commands' is that of participant 'shop' too");
        SagaParticipantRegistry blank =
                new SagaParticipantRegistry(factory, transport, fake.parts(), name -> "", SubscriptionCustomizer.NONE);
        blank.setEmbeddedValueResolver(text -> text.replace("${name}", "shop"));
        assertThatExceptionOfType(InvalidParticipantException.class)
                .isThrownBy(blank::afterSingletonsInstantiated)
                .withMessageContaining("its topic is blank");
    }
}

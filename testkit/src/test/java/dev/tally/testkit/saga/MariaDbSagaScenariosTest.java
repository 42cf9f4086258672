package dev.tally.testkit.saga;

import dev.tally.testkit.MariaDbDatabase;
import dev.tally.testkit.TestDatabase;
import org.junit.jupiter.api.Nested;

class MariaDbSagaScenariosTest {

    @Nested
    class Replies extends SagaReplyScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return MariaDbDatabase.create();
        }
    }

    @Nested
    class Compensations extends SagaCompensationScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return MariaDbDatabase.create();
        }
    }

    @Nested
    class Timers extends SagaTimerScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return MariaDbDatabase.create();
        }
    }

    @Nested
    class LocalSteps extends SagaLocalStepScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return MariaDbDatabase.create();
        }
    }

    @Nested
    class Versions extends SagaVersionScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return MariaDbDatabase.create();
        }
    }

    @Nested
    class Flows extends SagaFlowScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return MariaDbDatabase.create();
        }
    }

    @Nested
    class Operations extends SagaOperationScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return MariaDbDatabase.create();
        }
    }
}

package dev.tally.testkit.saga;

import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.TestDatabase;
import org.junit.jupiter.api.Nested;

class PostgresSagaScenariosTest {

    @Nested
    class Replies extends SagaReplyScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return PostgresDatabase.create();
        }
    }

    @Nested
    class Compensations extends SagaCompensationScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return PostgresDatabase.create();
        }
    }

    @Nested
    class Timers extends SagaTimerScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return PostgresDatabase.create();
        }
    }

    @Nested
    class LocalSteps extends SagaLocalStepScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return PostgresDatabase.create();
        }
    }

    @Nested
    class Versions extends SagaVersionScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return PostgresDatabase.create();
        }
    }

    @Nested
    class Flows extends SagaFlowScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return PostgresDatabase.create();
        }
    }

    @Nested
    class Operations extends SagaOperationScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return PostgresDatabase.create();
        }
    }
}

package dev.tally.testkit.saga;

import dev.tally.testkit.H2Database;
import dev.tally.testkit.TestDatabase;
import org.junit.jupiter.api.Nested;

class H2SagaScenariosTest {

    @Nested
    class Replies extends SagaReplyScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return H2Database.inMemory();
        }
    }

    @Nested
    class Compensations extends SagaCompensationScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return H2Database.inMemory();
        }
    }

    @Nested
    class Timers extends SagaTimerScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return H2Database.inMemory();
        }
    }

    @Nested
    class LocalSteps extends SagaLocalStepScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return H2Database.inMemory();
        }
    }

    @Nested
    class Versions extends SagaVersionScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return H2Database.inMemory();
        }
    }

    @Nested
    class Flows extends SagaFlowScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return H2Database.inMemory();
        }
    }

    @Nested
    class Operations extends SagaOperationScenarios {
        @Override
        protected TestDatabase createDatabase() {
            return H2Database.inMemory();
        }
    }
}

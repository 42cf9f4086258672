package dev.tally.publish.jpa;

import dev.tally.publish.PendingChanges;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import org.springframework.dao.DataAccessException;
import org.springframework.orm.jpa.EntityManagerFactoryUtils;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Flushes the entity manager of the current transaction, if there is one. Thread-safe.
 *
 * @since 0.1
 */
public final class JpaPendingChanges implements PendingChanges {

    private final EntityManagerFactory entityManagerFactory;

    /** Creates it for the entity managers of one factory. */
    public JpaPendingChanges(EntityManagerFactory entityManagerFactory) {
        this.entityManagerFactory = entityManagerFactory;
    }

    /** @throws DataAccessException if a pending change is refused, for instance by a constraint */
    @Override
    public void flush() {
        // Not EntityManagerFactoryUtils.getTransactionalEntityManager: it would open one where there is none.
        if (!(TransactionSynchronizationManager.getResource(entityManagerFactory)
                instanceof EntityManagerHolder holder)) {
            return;
        }
        EntityManager entityManager = holder.getEntityManager();
        if (!entityManager.isJoinedToTransaction()) {
            return;
        }
        try {
            entityManager.flush();
        } catch (PersistenceException e) {
            DataAccessException translated = EntityManagerFactoryUtils.convertJpaAccessExceptionIfPossible(e);
            throw translated != null ? translated : e;
        }
    }
}

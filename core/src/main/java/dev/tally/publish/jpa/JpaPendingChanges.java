package dev.tally.publish.jpa;

import dev.tally.publish.PendingChanges;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import org.springframework.dao.DataAccessException;
import org.springframework.orm.jpa.EntityManagerFactoryInfo;
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
            throw translate(e);
        }
    }

    /** As the commit would have it: to what the vendor knows best. */
    private RuntimeException translate(PersistenceException failure) {
        DataAccessException translated = null;
        if (entityManagerFactory instanceof EntityManagerFactoryInfo info && info.getJpaDialect() != null) {
            translated = info.getJpaDialect().translateExceptionIfPossible(failure);
        }
        if (translated == null) {
            translated = EntityManagerFactoryUtils.convertJpaAccessExceptionIfPossible(failure);
        }
        return translated != null ? translated : failure;
    }
}

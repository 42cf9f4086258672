package dev.tally.shop;

import org.springframework.data.repository.CrudRepository;

interface ShopOrders extends CrudRepository<ShopOrder, String> {}

"""The addresses of customers in the API. They are included under the namespace `api`."""

from django.urls import path

from crm.api import customers, deliveries, feedback, tasks

routes = [
    path("customers", customers.CustomersView.as_view(), name="customers"),
    path("customers/<public_id:public_id>", customers.CustomerView.as_view(), name="customer"),
    path("tasks", tasks.TasksView.as_view(), name="tasks"),
    path("tasks/<public_id:public_id>/done", tasks.TaskDoneView.as_view(), name="task-done"),
    path("feedback", feedback.FeedbackView.as_view(), name="feedback"),
    path("message-deliveries", deliveries.DeliveriesView.as_view(), name="message-deliveries"),
]

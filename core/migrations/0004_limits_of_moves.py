"""How much surplus a role may move: at first as much as it may refund."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_names"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="rolelimit",
            options={"verbose_name": "limit of a role", "verbose_name_plural": "limits of roles"},
        ),
        migrations.AddField(
            model_name="rolelimit",
            name="moves_per_day",
            field=models.BigIntegerField(
                default=0, help_text="In minor units.", verbose_name="moves per day"
            ),
        ),
        migrations.AddField(
            model_name="rolelimit",
            name="per_move",
            field=models.BigIntegerField(
                default=0, help_text="In minor units.", verbose_name="per move"
            ),
        ),
        migrations.AddConstraint(
            model_name="rolelimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("per_move__gte", 0), ("moves_per_day__gte", 0)),
                name="role_limit_of_moves_not_negative",
            ),
        ),
        migrations.RunSQL(
            "UPDATE core_rolelimit SET per_move = per_refund, moves_per_day = per_day",
            migrations.RunSQL.noop,
        ),
    ]

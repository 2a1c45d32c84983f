from django.db import migrations, models

import safelight.adapter.store.fields
from safelight.adapter.casework.append_only import begin, guard


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Head",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signature", models.CharField(max_length=200, unique=True)),
                ("head", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="LogState",
            fields=[
                ("id", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("log", models.CharField(max_length=36)),
                ("size", models.BigIntegerField(default=0)),
                ("peaks", models.BinaryField(default=b"")),
            ],
        ),
        migrations.CreateModel(
            name="Node",
            fields=[
                ("id", safelight.adapter.store.fields.GivenIdField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="CaseItemRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("case", models.CharField(max_length=64)),
                ("number", models.PositiveIntegerField()),
                ("item", models.TextField()),
            ],
            options={
                "db_table": "casework_case_item",
                "constraints": [models.UniqueConstraint(fields=("case", "number"), name="casework_case_item_once")],
            },
        ),
        migrations.CreateModel(
            name="CaseRow",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("state", models.CharField(max_length=16)),
                ("priority", models.IntegerField()),
                ("queue", models.TextField()),
                ("family", models.TextField(null=True)),
                ("opened", models.DateTimeField()),
                ("updated", models.DateTimeField()),
                ("length", models.PositiveIntegerField()),
                ("head", models.CharField(max_length=64)),
                ("case", models.TextField()),
                ("items", models.PositiveIntegerField()),
                ("agreed", models.PositiveIntegerField(null=True)),
                ("due", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "casework_case",
                "indexes": [
                    models.Index(fields=["state", "-priority", "opened", "id"], name="casework_case_waiting"),
                    models.Index(fields=["state", "queue", "-priority", "opened", "id"], name="casework_case_queue"),
                    models.Index(fields=["state", "id"], name="casework_case_state"),
                    models.Index(fields=["queue", "id"], name="casework_case_in_queue"),
                    models.Index(
                        condition=models.Q(("family__isnull", False)),
                        fields=["family", "id"],
                        name="casework_case_family",
                    ),
                    models.Index(
                        condition=models.Q(("agreed__isnull", False)), fields=["id"], name="casework_case_agreed"
                    ),
                    models.Index(
                        condition=models.Q(("due__isnull", False)), fields=["due", "id"], name="casework_case_due"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("position", safelight.adapter.store.fields.GivenIdField(primary_key=True, serialize=False)),
                ("case", models.CharField(max_length=64)),
                ("seq", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("entry", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("told", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("told__isnull", False)),
                        fields=["position", "told"],
                        name="casework_event_told",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("case", "seq"), name="casework_event_once")],
            },
        ),
        migrations.CreateModel(
            name="ItemRow",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sha256", models.CharField(max_length=64, null=True)),
                ("year", models.PositiveSmallIntegerField()),
                ("source", models.TextField()),
                ("outcome", models.CharField(max_length=16, null=True)),
                ("item", models.TextField()),
            ],
            options={
                "db_table": "casework_item",
                "indexes": [
                    models.Index(
                        condition=models.Q(("sha256__isnull", False)),
                        fields=["sha256", "id"],
                        name="casework_item_sha256",
                    ),
                    models.Index(fields=["year", "source", "outcome"], name="casework_item_year"),
                ],
            },
        ),
        # By hand: keep these two when the migration is made again.
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]

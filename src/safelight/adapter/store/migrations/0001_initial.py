import django.db.models.deletion
from django.db import migrations, models

import safelight.adapter.store.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Bank",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, null=True, unique=True)),
                ("threshold", models.PositiveSmallIntegerField()),
                ("min_quality", models.PositiveSmallIntegerField()),
                ("enabled", models.BooleanField()),
                ("negative", models.BooleanField()),
                ("description", models.TextField()),
                ("entries", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("id", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("entry", models.BigIntegerField(default=0)),
                ("step", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", safelight.adapter.store.fields.GivenIdField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("name_key", models.BinaryField()),
                ("classification", models.TextField()),
                ("source", models.TextField()),
                ("expires", models.DateTimeField(null=True)),
                ("metadata", models.TextField()),
                (
                    "bank",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, to="store.bank"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Hash",
            fields=[
                ("id", safelight.adapter.store.fields.GivenIdField(primary_key=True, serialize=False)),
                ("kind", models.SmallIntegerField()),
                ("value", models.BinaryField()),
                ("quality", models.SmallIntegerField()),
                (
                    "bank",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="store.bank",
                    ),
                ),
                ("entry", models.ForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, to="store.entry")),
            ],
        ),
        migrations.CreateModel(
            name="Removal",
            fields=[
                ("id", safelight.adapter.store.fields.GivenIdField(primary_key=True, serialize=False)),
                ("hash_id", models.BigIntegerField()),
                (
                    "bank",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="store.bank",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["bank", "id"], name="store_entry_order"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("bank", "name_key"), name="store_entry_name"),
        ),
        migrations.AddIndex(
            model_name="hash",
            index=models.Index(condition=models.Q(("kind", 0)), fields=["bank", "id"], name="store_hash_history"),
        ),
        migrations.AddIndex(
            model_name="hash",
            index=models.Index(condition=models.Q(("kind__gt", 0)), fields=["value"], name="store_hash_digest"),
        ),
        migrations.AddIndex(
            model_name="removal",
            index=models.Index(fields=["bank", "id"], name="store_removal_history"),
        ),
        migrations.RunSQL("INSERT INTO store_counter (id, entry, step) VALUES (1, 0, 0)", "DELETE FROM store_counter"),
    ]

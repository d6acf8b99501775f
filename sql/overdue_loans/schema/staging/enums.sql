-- target: the types gender_enum, education_enum, employment_enum, marital_enum
-- grain: none
-- keys: none
-- reads: nothing
-- params: none
do $$
begin
  if to_regtype('public.gender_enum') is null then
    create type public.gender_enum as enum ('Мужчина', 'Женщина');
  end if;
  if to_regtype('public.education_enum') is null then
    create type public.education_enum as enum ('Начальное', 'Среднее', 'Высшее', 'Два высших');
  end if;
  if to_regtype('public.employment_enum') is null then
    create type public.employment_enum as enum (
      'Безработный', 'ИП', 'Самозанятый', 'Работает по найму'
    );
  end if;
  if to_regtype('public.marital_enum') is null then
    create type public.marital_enum as enum ('В браке', 'Не в браке');
  end if;
end
$$;
